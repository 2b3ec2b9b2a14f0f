import * as nestAxios from '@nestjs/axios';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import axios from 'axios';
import * as quiqup from 'nestjs-quiqup-auth';
import * as testing from 'nestjs-quiqup-auth/testing';
import { story } from './story.cjs';

const [adapter, withTerminus] = process.argv.slice(2);
const { ExpressAdapter, FastifyAdapter } = await import(`@nestjs/platform-${adapter}`);
const terminus = withTerminus ? await import('@nestjs/terminus') : undefined;

const packages = { axios, common, core, nestAxios, quiqup, testing, terminus };
await story(packages, ExpressAdapter ?? FastifyAdapter, process.env.REDIS_URL);
