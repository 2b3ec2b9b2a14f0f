/** `1 call`, `2 calls`, `1,200 calls`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** The same for the start of a sentence, with 1 as a word. */
export function countFirst(number: number, noun: string): string {
  return number === 1 ? `One ${noun}` : count(number, noun);
}

export function wasOrWere(number: number): string {
  return number === 1 ? 'was' : 'were';
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
