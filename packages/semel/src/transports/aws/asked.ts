import { SemelError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason-of.ts';
import { serviceCodeOf } from './smithy-errors.ts';

/** What a client of AWS's SDK says of where its requests go. */
interface Configured {
  readonly config?: {
    readonly endpoint?: () => Promise<{ readonly protocol: string; readonly hostname: string; readonly port?: number }>;
    readonly region?: () => Promise<string>;
  };
}

/**
 * Asks AWS about what a service is to be run on.
 *
 * @param what is asked, in words: `the queue orders`
 * @throws SemelError `transport-unavailable`, with where it was asked and what to look at
 */
export async function asked<Reply>(service: string, client: object, what: string, ask: () => Promise<Reply>): Promise<Reply> {
  try {
    return await ask();
  } catch (cause) {
    const code = serviceCodeOf(cause);
    const where = await whereIs(client);
    const text =
      code === undefined
        ? `${service} gives no answer about ${what}, ${where}: ${reasonOf(cause)}; check the client's endpoint, region and credentials, and that it can be reached from here`
        : `${service} gives nothing about ${what}, ${where}: ${code}; check that it is there, in this account and region, and that the client's credentials may use it`;
    throw new SemelError('transport-unavailable', text, { cause });
  }
}

/** Known by the endpoint that it was given, or by its region. */
async function whereIs(client: object): Promise<string> {
  const { endpoint, region } = (client as Configured).config ?? {};
  try {
    const at = await endpoint?.();
    if (at !== undefined) return `asked at ${at.protocol}//${at.hostname}${at.port === undefined ? '' : `:${at.port}`}`;
    return `asked in region ${await region?.()}`;
  } catch {
    return 'asked in no known region';
  }
}
