'use strict';
const { story } = require('./story.cjs');

const [adapter, withTerminus] = process.argv.slice(2);
const { ExpressAdapter, FastifyAdapter } = require(`@nestjs/platform-${adapter}`);

void story(
  {
    common: require('@nestjs/common'),
    core: require('@nestjs/core'),
    quiqup: require('nestjs-quiqup-auth'),
    testing: require('nestjs-quiqup-auth/testing'),
    terminus: withTerminus ? require('@nestjs/terminus') : undefined,
  },
  ExpressAdapter ?? FastifyAdapter,
  process.env.REDIS_URL,
);
