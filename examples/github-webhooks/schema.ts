import type { StandardSchema } from 'semel';

/** What the receiver stores of a delivery. */
export interface GitHubDelivery {
  /** `X-GitHub-Delivery`: a GUID that a redelivery keeps, so it names the event. */
  readonly delivery: string;
  /** `X-GitHub-Event`: `push`, `issues`, … */
  readonly event: string;
  /** What the event is about; see `subjectOf`. */
  readonly subject: string;
  /** The size of the body as it was sent. */
  readonly bytes: number;
  /** What GitHub sent, whole: other consumers may want what the statistics do not look at. */
  readonly payload: Payload;
}

/** The body of a delivery: an object whose members depend on the event. */
export type Payload = Readonly<Record<string, unknown>>;

const CHECKS: { readonly [Member in keyof GitHubDelivery]: (value: unknown) => boolean } = {
  delivery: (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
  event: (value) => typeof value === 'string' && /^[a-z0-9_]{1,100}$/.test(value),
  subject: (value) => typeof value === 'string' && value !== '',
  bytes: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  payload: isObject,
};

/** A Standard Schema by hand. One of Zod, Valibot or ArkType does as well. */
export const gitHubDelivery: StandardSchema<GitHubDelivery> = {
  '~standard': {
    version: 1,
    vendor: 'github-webhooks',
    validate(value) {
      if (!isObject(value)) return { issues: [{ message: 'is not an object' }] };
      const issues = Object.entries(CHECKS)
        .filter(([member, holds]) => !holds(value[member]))
        .map(([member]) => ({ message: 'is missing or malformed', path: [member] }));
      return issues.length > 0 ? { issues } : { value: value as unknown as GitHubDelivery };
    },
  },
};

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
