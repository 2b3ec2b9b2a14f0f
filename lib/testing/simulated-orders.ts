import type { SimulatedFields } from './simulated-collection.js';

/** A new order. A repeated `partner_order_id` makes a second order, as on Quiqup. */
export function newOrder(fields: SimulatedFields): SimulatedFields {
  return { ...fields, partner_order_id: fields['partner_order_id'] ?? null, state: 'pending' };
}
