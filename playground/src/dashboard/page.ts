import type { NestExpressApplication } from '@nestjs/platform-express';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../browser/public', import.meta.url));
const UPLOT = fileURLToPath(new URL('.', import.meta.resolve('uplot')));

/** Serves the page at `/`, with all that it loads. */
export function servePage(app: NestExpressApplication): void {
  app.useStaticAssets(PAGE);
  app.useStaticAssets(UPLOT, { prefix: '/uplot', index: false });
}
