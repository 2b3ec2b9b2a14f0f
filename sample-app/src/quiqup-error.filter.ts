import { Catch, HttpStatus, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AxiosError } from 'axios';
import { QuiqupAuthError, QuiqupTokenEndpointError } from 'nestjs-quiqup-auth';

/** The statuses about the caller's request. 401 and 403 are about this application's credentials. */
const STATUSES_FOR_THE_CALLER = new Set([400, 404, 409, 422, 429]);

interface Answer {
  readonly statusCode: number;
  readonly message: string;
  readonly code?: string;
}

/** Answers 503 without a token, Quiqup's status if it is about the caller's request, otherwise 502. */
@Catch(QuiqupAuthError, AxiosError)
export class QuiqupErrorFilter implements ExceptionFilter<QuiqupAuthError | AxiosError> {
  private readonly logger = new Logger(QuiqupErrorFilter.name);

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: QuiqupAuthError | AxiosError, host: ArgumentsHost): void {
    this.logger.warn(error.message);
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (error instanceof QuiqupTokenEndpointError && error.retryAfterMs !== undefined) {
      httpAdapter.setHeader(response, 'Retry-After', String(Math.ceil(error.retryAfterMs / 1_000)));
    }
    const answer = answerFor(error);
    httpAdapter.reply(response, answer, answer.statusCode);
  }
}

/** The error's message and Quiqup's answer stay here: they are written for us, not for our callers. */
function answerFor(error: QuiqupAuthError | AxiosError): Answer {
  if (error instanceof QuiqupAuthError) {
    const { code } = error;
    return { statusCode: HttpStatus.SERVICE_UNAVAILABLE, message: 'There is no access to Quiqup at present.', code };
  }
  const status = error.response?.status;
  return status !== undefined && STATUSES_FOR_THE_CALLER.has(status)
    ? { statusCode: status, message: 'Quiqup did not accept this request.' }
    : { statusCode: HttpStatus.BAD_GATEWAY, message: 'Quiqup could not answer this request.' };
}
