export { TokenRefresher } from './token-refresher.js';
