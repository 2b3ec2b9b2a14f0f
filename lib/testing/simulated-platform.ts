import { jsonAnswer, type SimulatedAnswer } from './simulated-answer.js';
import { SimulatedCollection, type SimulatedFields } from './simulated-collection.js';
import { errorAnswer } from './simulated-errors.js';
import { newOrder } from './simulated-orders.js';
import { route, type SimulatedRoute, type SimulatedWork } from './simulated-routes.js';

const SLOT_HOURS = [9, 12, 15];
const DAY_MS = 24 * 60 * 60 * 1_000;

function found(item: SimulatedFields | undefined, what: string): SimulatedAnswer {
  const error = { status: 404, message: `${what} not found` };
  return item === undefined ? errorAnswer('platform', error) : jsonAnswer(200, item);
}

function slotsOfTomorrow(): readonly SimulatedFields[] {
  const date = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10);
  const at = (hour: number): string => `${date}T${String(hour).padStart(2, '0')}:00:00Z`;
  return SLOT_HOURS.map((hour) => ({ from: at(hour), to: at(hour + 3) }));
}

/** The products of the client, without stock unless they were created with a quantity. */
function inventoryOf(products: readonly SimulatedFields[]): readonly SimulatedFields[] {
  return products.filter(({ sku }) => typeof sku === 'string').map(({ sku, quantity = 0 }) => ({ sku, quantity }));
}

const listOf =
  (collection: SimulatedCollection) =>
  ({ clientId }: SimulatedWork): SimulatedAnswer =>
    jsonAnswer(200, collection.of(clientId));

const createIn =
  (collection: SimulatedCollection) =>
  ({ clientId, fields }: SimulatedWork): SimulatedAnswer =>
    jsonAnswer(201, collection.create(clientId, fields));

/** Quiqup's fulfilment API, without HTTP. */
export function simulatedPlatform(orderCreated: () => void): readonly SimulatedRoute[] {
  const orders = new SimulatedCollection();
  const products = new SimulatedCollection();
  const bookings = new SimulatedCollection();
  return [
    route('GET', '/api/fulfilment/orders', listOf(orders)),
    route('POST', '/api/fulfilment/orders', ({ clientId, fields }) => {
      orderCreated();
      return jsonAnswer(201, orders.create(clientId, newOrder(fields)));
    }),
    route('GET', '/api/fulfilment/orders/{id}', ({ clientId, id }) => found(orders.find(clientId, id), 'order')),
    route('GET', '/api/fulfilment/inventory', ({ clientId }) => jsonAnswer(200, inventoryOf(products.of(clientId)))),
    route('GET', '/api/fulfilment/inventory/{id}', ({ clientId, id }) =>
      found(
        inventoryOf(products.of(clientId)).find(({ sku }) => sku === id),
        'sku',
      ),
    ),
    route('GET', '/api/fulfilment/products', listOf(products)),
    route('POST', '/api/fulfilment/products', createIn(products)),
    route('POST', '/api/fulfilment/inbound/book', createIn(bookings)),
    route('GET', '/api/fulfilment/slots/available', () => jsonAnswer(200, slotsOfTomorrow())),
  ];
}
