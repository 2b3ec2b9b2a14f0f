// The instrumentation patches `http` when that is loaded by Node itself, which Jest does not.
import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

/** As `@opentelemetry/context-async-hooks` has it. */
class ContextManager {
  #storage = new AsyncLocalStorage();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with = (given, work, self, ...args) => this.#storage.run(given, () => work.apply(self, args));
  bind = (given, target) =>
    typeof target === 'function' ? (...args) => this.with(given, target, undefined, ...args) : target;
  enable = () => this;
  disable = () => this;
}

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new ContextManager());
for (const instrumentation of [new HttpInstrumentation(), new UndiciInstrumentation()]) {
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
}
createRequire(import.meta.url)('http');

const { NestFactory } = await import('@nestjs/core');
const { QuiqupAuthModule, QuiqupFetchService, QuiqupHttpService } = await import('nestjs-quiqup-auth');
const { QuiqupTelemetryModule } = await import('nestjs-quiqup-auth/opentelemetry');
const { QuiqupSimulator } = await import('nestjs-quiqup-auth/testing');

const simulator = await new QuiqupSimulator({ lifetime: 1 }).start();
const options = { baseUrl: simulator.url, ...simulator.clients[0], warmUp: 'off' };
const app = await NestFactory.createApplicationContext(
  { ...QuiqupAuthModule.forRoot(options), imports: [QuiqupTelemetryModule] },
  { logger: false },
);
await trace.getTracer('application').startActiveSpan('request', async (span) => {
  await app.get(QuiqupHttpService).axiosRef.get('/api/fulfilment/inventory');
  await (await app.get(QuiqupFetchService).fetch('/api/fulfilment/orders')).text();
  span.end();
});
await pause(1_500);
await app.close();
await simulator.stop();
const spans = exporter.getFinishedSpans();
const { traceId } = spans.find(({ name }) => name === 'request').spanContext();
process.stdout.write(
  JSON.stringify(
    // Those of the client: the simulator runs in the same process.
    spans
      .filter(({ kind }) => kind === SpanKind.CLIENT)
      .map((span) => ({
        by: span.instrumentationScope.name,
        path: new URL(span.attributes['url.full'] ?? span.attributes['http.url']).pathname,
        isOfTheRequest: span.spanContext().traceId === traceId,
      })),
  ),
);
