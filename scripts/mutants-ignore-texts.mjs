/** Three words or more are a text for people: how it reads is a matter of review, and what documentation quotes of it is tested there. */
const isText = (text) => text.trim().split(/\s+/).length > 2;

/** Leaves texts out of the mutants, and no other string. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'texts',
    value: {
      shouldIgnore({ node }) {
        const isIgnored =
          (node.type === 'StringLiteral' && isText(node.value)) ||
          (node.type === 'TemplateLiteral' && isText(node.quasis.map(({ value }) => value.raw).join('x')));
        return isIgnored ? 'a text for people' : undefined;
      },
    },
  },
];
