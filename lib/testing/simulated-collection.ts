export type SimulatedFields = Readonly<Record<string, unknown>>;

export interface SimulatedItem extends SimulatedFields {
  readonly id: number;
}

/** The number of items to keep for each client, so that a long bench does not fill the memory. */
const KEPT = 10_000;

/** The items that clients created, separate for each client. */
export class SimulatedCollection {
  readonly #byClient = new Map<string, Map<string, SimulatedItem>>();
  #created = 0;

  /** Adds an item with the next number as its `id`; 1 is the first. */
  create(clientId: string, fields: SimulatedFields): SimulatedItem {
    const item = { ...fields, id: ++this.#created };
    const items = this.#byClient.get(clientId) ?? new Map<string, SimulatedItem>();
    this.#byClient.set(clientId, items);
    items.set(String(item.id), item);
    const [oldest] = items.keys();
    if (items.size > KEPT && oldest !== undefined) {
      items.delete(oldest);
    }
    return item;
  }

  /** Oldest first. */
  of(clientId: string): readonly SimulatedItem[] {
    return [...(this.#byClient.get(clientId)?.values() ?? [])];
  }

  find(clientId: string, id: string): SimulatedItem | undefined {
    return this.#byClient.get(clientId)?.get(id);
  }

  update(clientId: string, item: SimulatedItem, changes: SimulatedFields): SimulatedItem {
    const updated = { ...item, ...changes, id: item.id };
    this.#byClient.get(clientId)?.set(String(item.id), updated);
    return updated;
  }
}
