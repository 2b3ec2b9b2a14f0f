import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A text of the sources, with `undefined` where something is filled in. */
type Parts = readonly (string | undefined)[];

function partsOf(node: ts.Node): Parts {
  if (ts.isStringLiteralLike(node)) {
    return [node.text];
  }
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.flatMap(({ literal }) => [undefined, literal.text])];
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return [...partsOf(node.left), ...partsOf(node.right)];
  }
  return [undefined];
}

function textsOf(file: string): Parts[] {
  const found: Parts[] = [];
  const visit = (node: ts.Node): void => {
    const parts = partsOf(node);
    if (parts.some((part) => part !== undefined)) {
      found.push(parts);
    } else {
      ts.forEachChild(node, visit);
    }
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return found;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether the package logs or throws this text: a message of it, or its first sentences, with anything filled in. */
export function messageFinder(): (quoted: string) => boolean {
  const patterns = readdirSync('lib', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => textsOf(join('lib', file)))
    .map((parts) => parts.map((part) => (part === undefined ? '\0' : part)).join(''))
    .filter((text) => text.replaceAll('\0', '').length > 12)
    .flatMap((text) => {
      const sentences = text.split(/(?<=[.:;]\s)/);
      return sentences.map((_, index) =>
        sentences
          .slice(0, index + 1)
          .join('')
          .trim(),
      );
    })
    .map((text) => new RegExp(`^${escaped(text).replaceAll('\0', '.+')}$`, 's'));
  return (quoted) => patterns.some((pattern) => pattern.test(quoted));
}
