import { HttpService } from '@nestjs/axios';
import type { AxiosStatic } from 'axios';

/**
 * The axios of `@nestjs/axios`. In a CommonJS application it is the one that `require('axios')` gives, so that
 * `instanceof AxiosError` holds there, though this file may be loaded as an ES module.
 */
export const axios = new HttpService().axiosRef as AxiosStatic;
