/** Counts the calls with the token of `server.mjs`, to check that each subject sends it. */
let authorized = 0;

export function count(header) {
  authorized += header?.startsWith('Bearer a') ? 1 : 0;
}

/** The subject, once a call of it has carried the token. */
export async function checked(subject, name) {
  authorized = 0;
  await subject();
  if (authorized !== 1) {
    throw new Error(`${name} did not carry the token.`);
  }
  return subject;
}
