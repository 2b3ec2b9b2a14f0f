'use strict';
const { story } = require('./story.cjs');

const [adapter, withTerminus] = process.argv.slice(2);
// Node takes the ES modules either way; the CommonJS files are what Jest and older tools take.
const name = process.env.COMMONJS_FILES ? './node_modules/nestjs-quiqup-auth/dist/cjs' : 'nestjs-quiqup-auth';
const { ExpressAdapter, FastifyAdapter } = require(`@nestjs/platform-${adapter}`);

void story(
  {
    axios: require('axios'),
    nestAxios: require('@nestjs/axios'),
    common: require('@nestjs/common'),
    core: require('@nestjs/core'),
    quiqup: require(name),
    testing: require(`${name}/testing`),
    terminus: withTerminus ? require('@nestjs/terminus') : undefined,
  },
  ExpressAdapter ?? FastifyAdapter,
  process.env.REDIS_URL,
);
