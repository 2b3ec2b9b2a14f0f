import { HttpService } from '@nestjs/axios';
import type { AxiosStatic } from 'axios';

/**
 * The axios of `@nestjs/axios`. In a CommonJS application it is the one of `require('axios')`, so that
 * `instanceof AxiosError` is true there, even if this file is loaded as an ES module.
 */
export const axios = new HttpService().axiosRef as AxiosStatic;
