#!/usr/bin/env node
// Writes the tables of docs/options.md from the types of the options and their TSDoc. With --check it
// writes nothing and fails when they say something else.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const PAGE = 'docs/options.md';
const SOURCES = [
  'lib/config/quiqup-auth-options.interface.ts',
  'lib/config/quiqup-accounts-options.interface.ts',
  'lib/health/quiqup-health.indicator.ts',
  'lib/opentelemetry/quiqup-telemetry-options.interface.ts',
  'lib/testing/quiqup-auth-testing.module.ts',
  'lib/testing/simulator-options.ts',
];
const ALIASES = [
  'lib/config/quiqup-environments.ts',
  'lib/health/quiqup-health.ts',
  'lib/testing/simulated-tokens.ts',
  'lib/testing/simulated-token-formats.ts',
  'lib/testing/simulated-errors.ts',
];
const LONGEST_ALIAS = 60;
const FROM_ENV = 'lib/config/quiqup-auth-options-from-env.ts';
/** The script writes the part between these markers. */
const TABLE = /(?<=<!-- options of (\w+) -->\n).*?(?=<!-- end -->)/gs;

const parse = (file) => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);

/** Every interface of the sources by its name. */
const interfaces = new Map(
  SOURCES.flatMap((file) =>
    parse(file)
      .statements.filter(ts.isInterfaceDeclaration)
      .map((declaration) => [declaration.name.text, declaration]),
  ),
);

/** The meaning of short type names. */
const aliases = new Map(
  [...SOURCES, ...ALIASES].flatMap((file) =>
    parse(file)
      .statements.filter(ts.isTypeAliasDeclaration)
      .map(({ name, type }) => [name.text, type.getText().replaceAll(/\s+/g, ' ')])
      .filter(([, text]) => text.length <= LONGEST_ALIAS),
  ),
);

function textOf(comment) {
  return (ts.getTextOfJSDocComment(comment) ?? '').replaceAll(/\{@link ([^}]+)\}/g, '`$1`').replaceAll(/\s+/g, ' ');
}

function commentOf(node) {
  return textOf(node.jsDoc?.at(-1)?.comment);
}

/** The environment variable that `quiqupAuthOptionsFromEnv` reads for each option. */
function variables() {
  const found = new Map();
  const visit = (node, path) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'read') {
      found.set(path.join('.'), node.arguments[0].text);
    }
    const deeper = ts.isPropertyAssignment(node) ? [...path, node.name.text] : path;
    ts.forEachChild(node, (child) => visit(child, deeper));
  };
  visit(parse(FROM_ENV), []);
  return found;
}

function unitOf(path, said) {
  const unit = [
    ['ms', /\bin ms\b/],
    ['s', /\bin (?:s|seconds)\b/],
    ['fraction of the lifetime', /\bfraction\b/],
    ['', /\bHow many\b|\bPort\b|\bany free one\b/],
  ].find(([, pattern]) => pattern.test(said));
  if (unit === undefined) {
    throw new Error(`What is said of ${path} names no unit: in ms, in s or a fraction.`);
  }
  return unit[0];
}

function typeOf(path, type, said) {
  // For a type parameter, its constraint.
  const parameter = type.parent.parent.typeParameters?.find(({ name }) => type.getText().startsWith(name.text));
  const text = (parameter?.constraint ?? type)
    .getText()
    .replaceAll(/\s+/g, ' ')
    .replace(/ \| undefined$/, '')
    .replaceAll(/\b(\w+)(\[\])?/g, (word, name, list = '') => {
      const alias = aliases.get(name);
      return alias === undefined ? word : list === '' ? alias : `(${alias})${list}`;
    });
  const unit = text === 'number' ? unitOf(path, said) : '';
  return `\`${text}\`${unit && `, ${unit}`}`;
}

/** The tag `@default`, or the sentence that begins with "Default". */
function defaultOf(member, comment) {
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
  if (tag !== undefined) {
    return textOf(tag.comment);
  }
  const sentence = /\bDefault (.+?)\.?$/.exec(comment)?.[1];
  return sentence ?? (member.questionToken === undefined ? 'required' : 'none');
}

function shownDefault(text) {
  return text.replace(/^(?:[\d.]+|\[\]|true|false|'[^']*')(?=$|:| \()/, '`$&`');
}

/** The options of an interface, those of its sections after them. */
function optionsOf(name, path = [], around = '') {
  const declaration = interfaces.get(name);
  if (declaration === undefined) {
    throw new Error(`${PAGE} asks for the options of ${name}, which is no interface of ${SOURCES.join(', ')}.`);
  }
  return declaration.members.flatMap((member) => {
    const comment = commentOf(member);
    const own = [...path, member.name.text];
    const parts = ts.isUnionTypeNode(member.type) ? member.type.types : [member.type];
    const section = parts.map((part) => part.getText()).find((part) => interfaces.has(part));
    const isMore = parts.some((part) => ![section, 'undefined'].includes(part.getText()));
    const option = {
      path: own.join('.'),
      type: typeOf(own.join('.'), member.type, `${comment} ${around}`),
      preset: shownDefault(defaultOf(member, comment)),
      meaning: comment.replace(/\s*\bDefault .+$/, ''),
    };
    const within = section === undefined ? [] : optionsOf(section, own, commentOf(interfaces.get(section)));
    return (section === undefined || isMore ? [option] : []).concat(within);
  });
}

function tableOf(name) {
  const fromEnv = name === 'QuiqupAuthModuleOptions' ? variables() : undefined;
  const head = ['option', 'type', 'default', fromEnv && 'environment variable', 'meaning'];
  const rows = optionsOf(name).map(({ path, type, preset, meaning }) => {
    const variable = fromEnv?.get(path);
    return [`\`${path}\``, type, preset, fromEnv && (variable ? `\`${variable}\`` : ''), meaning];
  });
  return [head, head.map((cell) => cell && '---'), ...rows]
    .map((cells) => cells.filter((cell) => cell !== undefined).map((cell) => cell.replaceAll('|', '\\|')))
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

const page = readFileSync(PAGE, 'utf8');
const written = page.replaceAll(TABLE, (_, name) => `\n${tableOf(name)}\n\n`);
const wanted = await format(written, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, wanted);
} else if (wanted !== page) {
  process.stderr.write(`${PAGE} differs from the types of the options. Run: npm run docs:options\n`);
  process.exit(1);
}
