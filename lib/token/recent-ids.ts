/** An older copy of the store must not bring back an entry that was seen recently. */
const REMEMBERED_IDS = 16;

/** The last ids that were seen. */
export class RecentIds {
  private readonly ids: string[] = [];

  has(id: string): boolean {
    return this.ids.includes(id);
  }

  add(id: string): void {
    this.ids.push(id);
    this.ids.splice(0, this.ids.length - REMEMBERED_IDS);
  }
}
