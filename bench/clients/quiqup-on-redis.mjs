import { create as createInMemory } from './quiqup.mjs';

export function create({ redis, options, ...server }) {
  return createInMemory({ ...server, options: { cache: { redis }, ...options } });
}
