import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { BrowserPage } from '../support/browser.js';
import { Playground } from '../support/playground.js';
import { until } from '../support/until.js';
import { paintedCalls, paintedPixels, type Color } from './timelines.js';

const INSTANCES = 3;
const CALLS_PER_SECOND = 200;
const SECONDS = 20;
/** How many calls the page lists. */
const LISTED = 8;

let app: Playground;
let opened: BrowserPage;
let page: Page;

beforeAll(async () => {
  app = new Playground({ PORT: '0' }, '--instances', String(INSTANCES));
  opened = await BrowserPage.open(await app.url());
  ({ page } = opened);
});

afterAll(async () => {
  await opened?.close();
  app.signal('SIGTERM');
  expect(await app.ending).toBe(0);
});

const text = async (selector: string): Promise<string> => (await page.textContent(selector)) ?? '';
const number = async (selector: string): Promise<number> => Number((await text(selector)).replaceAll(',', ''));
const each = (selector: string): Promise<string[]> => page.locator(selector).allTextContents();
const listedCalls = async (): Promise<string[]> =>
  (await each('#calls tr')).map((row) => row.replaceAll(/\s+/g, ' ').trim());
const choose = (name: string, value: string): Promise<void> => page.check(`input[name="${name}"][value="${value}"]`);
const act = (action: string): Promise<void> => page.click(`[data-action="${action}"]`);

async function says(sentence: RegExp): Promise<void> {
  let said = '';
  await until(async () => {
    said = await text('#sentence');
    return sentence.test(said);
  }, `the page says ${sentence}`).catch((error: unknown) => {
    throw new Error(`It says in its place: ${said}`, { cause: error });
  });
}

async function isPaintedInAll(color: Color): Promise<boolean> {
  const found = await paintedPixels(page, color);
  return found.length === INSTANCES && found.every((pixels) => pixels > 0);
}

const callsCome = async (calls: number): Promise<void> => {
  const before = await number('#total-calls');
  await until(async () => (await number('#total-calls')) > before + calls, `${calls} more calls have come`);
};

describe('The dashboard in a browser', () => {
  it('shows every instance live, and complains of nothing', async () => {
    await until(() => isPaintedInAll('fresh'), 'all timelines show a fresh token');
    await until(() => isPaintedInAll('ok'), 'all timelines show calls');
    expect(await each('.instance h2')).toEqual(['Instance 1', 'Instance 2', 'Instance 3']);
    expect(await text('#connection')).toBe('live');
    // The totals are written less often than the timelines are painted.
    await until(async () => (await text('#total-store')) === 'Redis', 'the totals name the store');
    expect(opened.complaints).toEqual([]);
  });

  it('lists the latest calls, with the API and the path that each went to', async () => {
    const fulfilment = /^\d\d:\d\d:\d\d [1-3] fulfilment GET \/api\/fulfilment\/inventory ok [\d.]+ ms$/;
    const lastMile = /^\d\d:\d\d:\d\d [1-3] last mile GET \/orders\/\d+ ok [\d.]+ ms$/;
    let listed: string[] = [];
    await until(async () => {
      listed = await listedCalls();
      const ofFulfilment = listed.filter((row) => fulfilment.test(row)).length;
      const ofLastMile = listed.filter((row) => lastMile.test(row)).length;
      return ofFulfilment > 0 && ofLastMile > 0 && ofFulfilment + ofLastMile === LISTED;
    }, 'the list has calls to both APIs, and the first ones have left it').catch((error: unknown) => {
      throw new Error(`It lists: ${listed.join('; ')}`, { cause: error });
    });
  });

  it('counts the calls to each API, and lists no later ones while it is paused', async () => {
    await page.click('#pause');
    await page.waitForSelector('#pause[aria-pressed="true"]');
    // Calls from before the pause may still be on their way to the page.
    await callsCome(LISTED);
    const paused = await listedCalls();
    await callsCome(LISTED);
    expect(await listedCalls()).toEqual(paused);
    const [all, toFulfilment = 0, toLastMile = 0] = (await each('.totals dd')).map(Number);
    expect(toLastMile).toBeGreaterThan(0);
    expect(toFulfilment).toBeGreaterThan(0);
    expect(all).toBe(toFulfilment + toLastMile);
    await page.click('#pause');
    await until(async () => (await listedCalls()).join() !== paused.join(), 'the list goes on');
  });

  it('recovers visibly after a revocation, by the keyboard', async () => {
    await choose('lifetime', '10');
    await page.focus('[data-action="revoke"]');
    await page.keyboard.press('Enter');
    await says(/\d+ calls were answered 401\. One token request .* 2 instances took it from Redis, .* sent again/);
    await until(() => isPaintedInAll('recovered'), 'all timelines show a recovered call');
    expect(await number('#total-failed')).toBe(0);
  });

  it('shows a rotation ahead of time', async () => {
    const before = await each('.token code');
    await until(async () => {
      const after = await each('.token code');
      return after.every((fingerprint, index) => fingerprint !== before[index]) && new Set(after).size === 1;
    }, 'all instances have the next token');
    expect(await number('#total-failed')).toBe(0);
  });

  it('recovers visibly after an outage of the token endpoint', async () => {
    await choose('endpoint', 'fails');
    await says(/answers 503\. (One|\d+) token requests? failed\. .* No call failed/);
    await until(
      async () => (await paintedPixels(page, 'failed')).some((pixels) => pixels > 0),
      'a token request is shown as failed',
    );
    const before = await each('.token code');
    await choose('endpoint', 'works');
    await says(/works again: \d+ token requests? brought a token/);
    await until(async () => {
      const after = await each('.token code');
      return after.every((fingerprint, index) => fingerprint !== before[index]);
    }, 'all instances have a new token');
    expect(await number('#total-failed')).toBe(0);
  });

  it('recovers visibly after Redis was stopped and started', async () => {
    await act('stop-redis');
    await says(/Redis is stopped\. 3 of 3 instances noticed/);
    await until(async () => (await text('#total-store')) === 'Redis, lost by 3', 'the page shows the loss');
    await act('start-redis');
    await says(/Redis runs again, empty\. 3 of 3 instances came back/);
    await until(async () => (await text('#total-store')) === 'Redis', 'the page shows that Redis is back');
    await until(async () => new Set(await each('.token code')).size === 1, 'the instances share a token again');
    expect(await number('#total-failed')).toBe(0);
  });

  it('has its picture taken', async () => {
    await choose('window', '30000');
    await page.setViewportSize({ width: 1120, height: 940 });
    const path = process.env['SCREENSHOT'] ?? join(await mkdtemp(join(tmpdir(), 'dashboard-')), 'dashboard.png');
    await page.screenshot({ path });
    // Some 150 KB, more or less by what the run has drawn.
    expect((await stat(path)).size).toBeLessThan(250_000);
    await choose('window', '60000');
  });

  it('fits a phone, and has a dark theme', async () => {
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.click('#theme');
    expect(await ground()).not.toBe(light);

    const { width, height } = page.viewportSize()!;
    await page.setViewportSize({ width: 360, height: 740 });
    await until(
      () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      'the timelines have taken the width of the phone',
    );
    await page.setViewportSize({ width, height });
  });

  it('draws every one of 200 calls a second, and still answers a click', async () => {
    await choose('lifetime', '30');
    await page.focus('#rate');
    await page.keyboard.press('End');
    const before = await number('#total-calls');
    const enough = before + CALLS_PER_SECOND * SECONDS;
    await page.waitForFunction(
      (calls) => Number(document.querySelector('#total-calls')!.textContent.replaceAll(',', '')) >= calls,
      enough,
      { timeout: SECONDS * 2_000 },
    );
    await page.click('#pause');
    await page.waitForSelector('#pause[aria-pressed="true"]');
    let seen = await paintedCalls(page);
    await until(async () => {
      seen = await paintedCalls(page);
      return seen.missing.length === 0;
    }, 'every call in sight is drawn').catch((error: unknown) => {
      throw new Error(`Not drawn: ${seen.missing.join('; ')}`, { cause: error });
    });
    const { inSight, received, counted } = seen;
    expect(inSight).toBeGreaterThan(CALLS_PER_SECOND * (SECONDS - 2));
    expect(received).toBe(counted);
    expect(opened.complaints).toEqual([]);
  });
});
