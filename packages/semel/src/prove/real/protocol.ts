import type { Outcome } from '../../core/delivery.ts';
import type { LifecycleType } from '../../core/lifecycle.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Boundary } from '../once/fault.ts';

/** What a worker's process is told. Everything is JSON. */
export type ToWorker =
  | {
      readonly kind: 'handle';
      readonly trial: number;
      /** By the consumer without an inbox. */
      readonly control: boolean;
      readonly deliveries: readonly SentDelivery[];
      /** Where it is to stand still until it is told to go on. */
      readonly standAt?: Boundary;
    }
  /** It stands still no more; what it has in hand was given to another meanwhile. */
  | { readonly kind: 'go' };

/** What it says. */
export type FromWorker =
  | { readonly kind: 'ready' }
  /** It could not begin. */
  | { readonly kind: 'unfit'; readonly error: SentError }
  | { readonly kind: 'reached'; readonly at: LifecycleType; readonly ids: readonly string[]; readonly stands: boolean; readonly error?: SentError }
  | { readonly kind: 'settled'; readonly answers: readonly Answer[] };

/** A message on its way, by its number among those that a worker is given. */
export interface SentDelivery extends SealedMessage {
  readonly number: number;
  readonly attempt: number;
}

/** What became of a delivery. */
export interface Answer {
  readonly number: number;
  readonly kind: Outcome['kind'];
  readonly reason?: string;
  readonly error?: SentError;
}

/** An error, as far as it can be sent. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** An error that can be sent. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name, message, ...code, ...(stack === undefined ? {} : { stack }) };
}

/** The error that was sent. */
export function receivedError({ name, message, code, stack }: SentError): Error {
  return Object.assign(new Error(message), { name }, code === undefined ? {} : { code }, stack === undefined ? {} : { stack });
}
