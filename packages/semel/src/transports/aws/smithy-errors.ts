import { SemelError } from '../../core/errors.ts';
import type { PublishResult } from '../../core/transport.ts';

/** What the clients of AWS's SDK throw, as far as it is read here. */
interface SmithyError {
  readonly name?: string;
  /** Where the service answered: who is to blame. */
  readonly $fault?: string;
}

/** The code of an error that an AWS service answered with, without the namespace that some put before it; undefined where no service answered. */
export function serviceCodeOf(error: unknown): string | undefined {
  const { name, $fault } = (typeof error === 'object' && error !== null ? error : {}) as SmithyError;
  return $fault === undefined || name === undefined ? undefined : codeOf(name);
}

/** A code without the namespace that some put before it. */
export function codeOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** What it means for a publish that its request was rejected: refused by the service and surely not taken, or of an unknown fate. */
export function refusalOfRequest(service: string, error: unknown): PublishResult {
  const code = serviceCodeOf(error);
  const fault = (error as SmithyError | undefined)?.$fault;
  if (code === undefined || fault !== 'client') return { kind: 'unknown', error };
  return { kind: 'failed', retryable: true, error: new SemelError('publish-failed', `${service} refused the request: ${code}`, { cause: error }) };
}
