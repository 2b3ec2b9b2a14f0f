import { chromium, type Browser, type Page } from 'playwright-core';
import { CHROMIUM, provide } from '../../playground/src/programs/program.js';

/** Nothing that reaches out by itself. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page in a real browser, and its errors. */
export class BrowserPage {
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  static async open(url: string): Promise<BrowserPage> {
    const executablePath = provide(CHROMIUM, 'The tests in a browser');
    const isRoot = process.getuid?.() === 0;
    const browser = await chromium.launch({ executablePath, chromiumSandbox: !isRoot, args: FLAGS });
    const opened = new BrowserPage(
      browser,
      await browser.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme: 'light', deviceScaleFactor: 1 }),
    );
    await opened.page.goto(url);
    return opened;
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
