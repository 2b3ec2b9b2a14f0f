import type { SimulatedFields } from './simulated-collection.js';

/** An order as it starts. A `partner_order_id` that was there before makes a second order, as on Quiqup. */
export function newOrder(fields: SimulatedFields): SimulatedFields {
  return { ...fields, partner_order_id: fields['partner_order_id'] ?? null, state: 'pending' };
}
