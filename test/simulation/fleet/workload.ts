import { EventEmitter, getEventListeners } from 'node:events';
import { isAxiosError } from 'axios';
import { QuiqupAuthError } from '../../../lib/errors/index.js';
import { CALL_ID_HEADER, type SentCall } from '../quiqup/quiqup-adapter.js';
import { FORBIDDEN_PATH } from '../quiqup/quiqup-server.js';
import type { CallPlan } from '../scenario/scenario.js';
import type { World } from '../world/world.js';
import type { CallOutcome, CallRecord } from './call-record.js';
import { BASE_URL, type Instance, type Running } from './instance.js';

const HEALTHY_PATH = '/api/fulfilment/inventory';
const ABORTED_AFTER_MS = 700;

/** A body that looks as if it can be read only once. */
const oneShotBody = (): object => Object.assign(new EventEmitter(), { pipe: () => undefined });

/** The calls of an application, and their outcomes. */
export class Workload {
  readonly records: CallRecord[] = [];
  private readonly byId = new Map<string, CallRecord>();

  /**
   * @param others the tokens in hand of the instances but this
   */
  constructor(
    private readonly world: World,
    private readonly others: (instance: Instance) => string[],
  ) {}

  /** Starts a call without waiting for it. */
  start(plan: CallPlan, instance: Instance): void {
    const { running, state } = instance;
    if (running === undefined || state === 'stopping' || state === 'stopped' || state === 'killed') {
      return;
    }
    const { memory } = running.runtime;
    const phase = memory.phase(instance.machine.clock.now());
    const record: CallRecord = {
      plan,
      startedAt: this.world.now,
      endedAt: Infinity,
      outcome: 'pending',
      detail: '',
      sent: [],
      inHand: phase === 'expired' ? undefined : memory.held?.accessToken,
      phase,
      inOtherHands: this.others(instance),
      listenersLeft: 0,
    };
    this.records.push(record);
    this.byId.set(plan.id, record);
    this.world.note(instance.name, `call ${plan.id} (${plan.kind}) begins, ${phase}`);
    void this.perform(record, instance, running);
  }

  /** A call has left an instance. */
  sent(sent: SentCall): void {
    this.byId.get(sent.callId)?.sent.push(sent);
  }

  private async perform(record: CallRecord, instance: Instance, running: Running): Promise<void> {
    const abort = new AbortController();
    const { clock } = instance.machine;
    const timer = record.plan.kind === 'aborted' ? clock.setTimeout(() => abort.abort(), ABORTED_AFTER_MS) : undefined;
    try {
      await this.request(record.plan, running, abort.signal);
      this.end(record, instance, 'accepted');
    } catch (error) {
      this.end(record, instance, outcomeOf(error), detailOf(error));
    } finally {
      clock.clearTimeout(timer);
      record.listenersLeft = getEventListeners(abort.signal, 'abort').length;
    }
  }

  private async request({ kind, id }: CallPlan, running: Running, signal: AbortSignal): Promise<void> {
    const { axiosRef } = running.http;
    const options = { headers: { [CALL_ID_HEADER]: id }, signal };
    switch (kind) {
      case 'get':
      case 'aborted':
        await axiosRef.get(HEALTHY_PATH, options);
        return;
      case 'forbidden':
        await axiosRef.get(FORBIDDEN_PATH, options);
        return;
      case 'post':
        await axiosRef.post(HEALTHY_PATH, { sku: id }, options);
        return;
      case 'one-shot':
        await axiosRef.post(HEALTHY_PATH, oneShotBody(), options);
        return;
      case 'refresh':
        await running.runtime.tokens.refresh({ signal });
        return;
      case 'by hand':
        await byHand(running, options.headers, signal);
    }
  }

  private end(record: CallRecord, instance: Instance, outcome: CallOutcome, detail = ''): void {
    record.endedAt = this.world.now;
    record.outcome = outcome;
    record.detail = detail;
    this.world.note(instance.name, `call ${record.plan.id} ${outcome} ${detail}`);
  }
}

/** As the example at `QuiqupTokenService` has it. */
async function byHand({ runtime, http }: Running, headers: Record<string, string>, signal: AbortSignal): Promise<void> {
  const { tokens } = runtime;
  const send = async (token: string): Promise<number> => {
    const answer = await http.axiosRef.get(HEALTHY_PATH, {
      baseURL: BASE_URL,
      headers: { ...headers, Authorization: `Bearer ${token}` },
      validateStatus: () => true,
      signal,
    });
    return answer.status;
  };
  const token = await tokens.getAccessToken({ signal });
  if ((await send(token)) !== 401) {
    return;
  }
  const another = await tokens.reject(token, { signal });
  if (another === undefined || (await send(another)) === 401) {
    throw new Error('refused');
  }
}

function outcomeOf(error: unknown): CallOutcome {
  if (error instanceof QuiqupAuthError) {
    return 'token error';
  }
  if (isAxiosError(error) && error.code === 'ERR_CANCELED') {
    return 'canceled';
  }
  const isRefused = isAxiosError(error) ? error.response?.status === 401 : (error as Error).message === 'refused';
  return isRefused ? 'refused' : (error as Error).name === 'AbortError' ? 'canceled' : 'token error';
}

function detailOf(error: unknown): string {
  return error instanceof QuiqupAuthError ? error.code : (error as Error).message;
}
