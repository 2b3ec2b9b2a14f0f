import { OTHER_BUGS } from './other-bugs.mjs';
import { TOKEN_BUGS } from './token-bugs.mjs';

export const PLANTED_BUGS = [...TOKEN_BUGS, ...OTHER_BUGS];
