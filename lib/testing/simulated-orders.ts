import { createHash } from 'node:crypto';

/** What `POST /orders` answers: an echo that shows whether the body arrived whole and unchanged. */
export interface SimulatedOrder {
  /** 1 for the first order. */
  readonly id: number;
  /** The body as JSON, `null` if it is none. */
  readonly received: unknown;
  /** Length of the raw body. */
  readonly bytes: number;
  /** Of the raw body, in hex. */
  readonly sha256: string;
  readonly contentType: string | null;
}

/** How many orders of each client are kept, so that a long bench does not fill the memory. */
const KEPT = 10_000;

export class SimulatedOrders {
  readonly #byClient = new Map<string, SimulatedOrder[]>();
  #created = 0;

  create(clientId: string, body: Buffer, contentType: string | undefined): SimulatedOrder {
    const order = {
      id: ++this.#created,
      received: parsed(body),
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
      contentType: contentType ?? null,
    };
    const orders = this.#byClient.get(clientId) ?? [];
    this.#byClient.set(clientId, orders);
    orders.push(order);
    if (orders.length > KEPT) {
      orders.shift();
    }
    return order;
  }

  of(clientId: string): readonly SimulatedOrder[] {
    return this.#byClient.get(clientId) ?? [];
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
