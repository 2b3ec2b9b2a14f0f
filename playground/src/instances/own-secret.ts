/** The client secret as this process knows it; stands in for a secret manager. */
export class OwnSecret {
  constructor(public value: string) {}
}
