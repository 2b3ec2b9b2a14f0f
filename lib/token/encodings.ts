import { isUtf8 } from 'node:buffer';

/** The escapes by which texts quote other texts: in a form, in a URL, in JSON or JavaScript, in HTML. */
const PERCENT = /(?:%[\da-f]{2})+/gi;
const ASCII_ESCAPE = /%[0-7][\da-f]/gi;
const ESCAPE = /\\u\{([\da-f]{1,6})\}|\\u([\da-f]{4})|\\x([\da-f]{2})|\\([/"'\\bfnrt])/gi;
const ENTITY = /&#x([\da-f]{1,8});?|&#(\d{1,8});?|&([a-z][a-z\d]{1,30});/gi;
const NAMED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['bsol', '\\'],
  ['num', '#'],
  ['percnt', '%'],
  ['semi', ';'],
]);
const LAST_CODE_POINT = 0x10_ff_ff;
/** More layers than an honest text has. */
const MOST_LAYERS = 6;

function characterOf(code: number): string {
  return code <= LAST_CODE_POINT ? String.fromCodePoint(code) : '';
}

/** If the run is not UTF-8, it may be a percent sign beside letters of the text: then only ASCII is decoded. */
function decodePercent(run: string): string {
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
  return isUtf8(bytes)
    ? bytes.toString()
    : run.replace(ASCII_ESCAPE, (escaped) => characterOf(Number.parseInt(escaped.slice(1), 16)));
}

function decodeOnce(text: string): string {
  return text
    .replace(PERCENT, decodePercent)
    .replace(ESCAPE, (_all, braced?: string, four?: string, two?: string, plain?: string) => {
      const code = braced ?? four ?? two;
      if (code === undefined) {
        return /[a-z]/i.test(plain ?? '') ? ' ' : (plain ?? '');
      }
      return characterOf(Number.parseInt(code, 16));
    })
    .replace(ENTITY, (_all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        return NAMED_ENTITIES.get(name.toLowerCase()) ?? '';
      }
      return characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    });
}

/**
 * The text, and the text under each layer of encoding, down to the last.
 *
 * @returns `undefined` if there are more layers than are searched
 */
export function layersOf(text: string): readonly string[] | undefined {
  const layers = [text];
  for (let layer = text; layers.length <= MOST_LAYERS; layers.push(layer)) {
    const under = decodeOnce(layer);
    if (under === layer) {
      return layers;
    }
    layer = under;
  }
  return undefined;
}
