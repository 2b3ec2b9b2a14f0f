import { jsonAnswer, type SimulatedAnswer } from './simulated-answer.js';
import { SimulatedCollection, type SimulatedItem } from './simulated-collection.js';
import { errorAnswer } from './simulated-errors.js';
import { labelOf } from './simulated-label.js';
import { newOrder } from './simulated-orders.js';
import { route, type SimulatedRoute, type SimulatedWork } from './simulated-routes.js';

type OrderWork = (order: SimulatedItem, work: SimulatedWork) => SimulatedAnswer;

const notFound = (): SimulatedAnswer => errorAnswer('last-mile', { status: 404, message: 'order not found' });
const conflict = (message: string): SimulatedAnswer =>
  errorAnswer('last-mile', { status: 409, code: 'conflict', message });

/** The ids in a batch, under any field name. */
function idsIn({ json, fields }: SimulatedWork): string[] {
  const ids: unknown = Array.isArray(json) ? json : Object.values(fields).find((value) => Array.isArray(value));
  return Array.isArray(ids) ? [...new Set(ids.map(String))] : [];
}

/** Cancels all orders of a batch, or none. */
function cancel(orders: SimulatedCollection, work: SimulatedWork): SimulatedAnswer {
  const named = idsIn(work).map((id) => orders.find(work.clientId, id));
  const known = named.filter((order) => order !== undefined);
  if (known.length < named.length) {
    return notFound();
  }
  const ready = known.find(({ state }) => state === 'ready_for_collection');
  return ready
    ? conflict(`order ${ready.id} is ready for collection, which cannot be taken back`)
    : jsonAnswer(
        200,
        known.map((order) => orders.update(work.clientId, order, { state: 'cancelled' })),
      );
}

/** Quiqup's API of courier orders, without HTTP. */
export function simulatedLastMile(orderCreated: () => void): readonly SimulatedRoute[] {
  const orders = new SimulatedCollection();
  const ofOrder =
    (answer: OrderWork) =>
    (work: SimulatedWork): SimulatedAnswer => {
      const order = orders.find(work.clientId, work.id);
      return order ? answer(order, work) : notFound();
    };
  const makeReady: OrderWork = (order, { clientId }) =>
    order['state'] === 'cancelled'
      ? conflict(`order ${order.id} is cancelled`)
      : jsonAnswer(200, orders.update(clientId, order, { state: 'ready_for_collection' }));
  return [
    route('GET', '/orders', ({ clientId }) => jsonAnswer(200, orders.of(clientId))),
    route('POST', '/orders', ({ clientId, fields }) => {
      orderCreated();
      return jsonAnswer(201, orders.create(clientId, newOrder(fields)));
    }),
    route('PUT', '/orders/batch/set_cancelled', (work) => cancel(orders, work)),
    route(
      'PUT',
      '/orders/export/{id}',
      ofOrder((order) => jsonAnswer(200, order)),
    ),
    route(
      'GET',
      '/orders/{id}',
      ofOrder((order) => jsonAnswer(200, order)),
    ),
    route('PUT', '/orders/{id}/ready_for_collection', ofOrder(makeReady)),
    ...parcelRoutes(ofOrder),
    route('GET', '/order_label/{id}', ofOrder(labelOf)),
  ];
}

function parcelRoutes(
  ofOrder: (answer: OrderWork) => (work: SimulatedWork) => SimulatedAnswer,
): readonly SimulatedRoute[] {
  const parcels = new SimulatedCollection();
  const list: OrderWork = ({ id }, { clientId }) =>
    jsonAnswer(
      200,
      parcels.of(clientId).filter((parcel) => parcel['order_id'] === id),
    );
  const add: OrderWork = ({ id }, { clientId, fields }) =>
    jsonAnswer(201, parcels.create(clientId, { ...fields, order_id: id }));
  return [route('GET', '/orders/{id}/parcels', ofOrder(list)), route('POST', '/orders/{id}/parcels', ofOrder(add))];
}
