import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A delivery as GitHub made it once. */
export interface Recorded {
  /** For `X-GitHub-Delivery`. */
  readonly delivery: string;
  /** For `X-GitHub-Event`. */
  readonly event: string;
  readonly body: Buffer;
}

/** The part of the package's catalogues that is read here. */
type Catalogue = readonly { readonly name: string; readonly examples: readonly unknown[] }[];

/**
 * Every payload of `@octokit/webhooks-examples`, in all its catalogues: github.com and five versions of GitHub Enterprise Server.
 * Some stand in several of these, and come more than once.
 */
export function recordedDeliveries(): readonly Recorded[] {
  const folder = dirname(fileURLToPath(import.meta.resolve('@octokit/webhooks-examples/package.json')));
  const files = readdirSync(folder).map((name) => join(folder, name, 'index.json'));
  return files.filter((file) => existsSync(file)).flatMap((file) => recordedIn(JSON.parse(readFileSync(file, 'utf8'))));
}

function recordedIn(catalogue: Catalogue): readonly Recorded[] {
  return catalogue.flatMap(({ name, examples }) =>
    examples.map((payload) => {
      const body = Buffer.from(JSON.stringify(payload));
      return { delivery: guidOf(name, body), event: name, body };
    }),
  );
}

/** The recordings lack their delivery's GUID. One made of event and body stays the same from run to run, and is the same for the same delivery. */
function guidOf(event: string, body: Uint8Array): string {
  const digest = createHash('sha256').update(`${event}\n`).update(body).digest('hex');
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
