import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProofPlace } from './prove-options.ts';

/** A folder that is there for one proof. */
export class ProofFolder implements ProofPlace, Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'semel-proof-'));

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }); // a process that was killed just now may still be in it
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}
