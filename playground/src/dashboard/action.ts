import * as v from 'valibot';

/** In calls a second. */
export const HIGHEST_RATE = 200;

/** The actions of the page. */
export const actionSchema = v.variant('action', [
  v.strictObject({ action: v.literal('revoke') }),
  v.strictObject({ action: v.literal('policy'), policy: v.picklist(['fresh', 'revoke', 'reuse']) }),
  v.strictObject({ action: v.literal('lifetime'), seconds: v.picklist([5, 10, 30, 120, 3_600]) }),
  v.strictObject({ action: v.literal('endpoint'), mode: v.picklist(['works', 'fails', 'stalls', 'rate-limits']) }),
  v.strictObject({ action: v.literal('change-secret') }),
  v.strictObject({ action: v.literal('hand-out-secret') }),
  v.strictObject({
    action: v.literal('rate'),
    perSecond: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(HIGHEST_RATE)),
  }),
  v.strictObject({ action: v.literal('stop-redis') }),
  v.strictObject({ action: v.literal('start-redis') }),
  v.strictObject({ action: v.literal('add-instance') }),
  v.strictObject({ action: v.literal('remove-instance'), id: v.pipe(v.number(), v.integer()) }),
]);

export type Action = v.InferOutput<typeof actionSchema>;
