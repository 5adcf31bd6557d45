import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { readableFolder, servicesFolder, writableFolder } from './folders.ts';
import { freePort } from './free-port.ts';
import { withLock } from './lock.ts';
import { bornAt, end, type Identity, isAlive, lastWords } from './process.ts';
import type { Server, Service, Site } from './service.ts';

type Urls = Site['urls'];

/** What a fleet writes down of a service that it started. */
interface Entry extends Server, Identity, Pick<Site, 'port' | 'urls'>, Pick<Service, 'stopSignal'> {}

const READY_MS = 120_000;
const POLL_MS = 30;

/** The services that run from one folder. Whoever opens the same folder finds them again; they outlive the process that started them. */
export class Fleet {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The address of a service that runs and answers, and stands in front of `urls` where these are given. */
  async find(service: Service, urls?: Urls): Promise<string | undefined> {
    const entry = this.#read(service.name);
    if (entry === undefined || !isAlive(entry)) return undefined;
    if (urls !== undefined && !isDeepStrictEqual(entry.urls, urls)) return undefined;
    return service.ask(entry.url).then(
      () => entry.url,
      () => undefined,
    );
  }

  /** Makes sure that a service runs and answers; its address. One that was found dead starts again with its data and its port. Throws with the reason where it does not start. */
  up(service: Service, urls: Urls = {}): Promise<string> {
    return withLock(this.#path(`${service.name}.lock`), async () => (await this.find(service, urls)) ?? (await this.#start(service, urls)));
  }

  /** Where a service lives, for the tools that come with it. */
  siteOf(name: string): Pick<Site, 'folder' | 'cache'> {
    return { folder: this.#path(name), cache: readableFolder(join(servicesFolder(), 'cache')) };
  }

  /** Sends the process of a service a signal, and waits until it is dead. Its data stays, for `up()`. */
  async kill(name: string, signal: NodeJS.Signals): Promise<void> {
    const entry = this.#read(name);
    if (entry !== undefined) await end(entry, signal);
  }

  /** Ends a service and removes its data; whether it ran. */
  async down(name: string): Promise<boolean> {
    const entry = this.#read(name);
    const ran = entry !== undefined && isAlive(entry);
    if (ran) await end(entry, entry.stopSignal);
    for (const file of [entryOf(name), name]) rmSync(this.#path(file), { recursive: true, force: true });
    return ran;
  }

  /** Ends every service and removes the folder. */
  async dissolve(): Promise<void> {
    for (const file of readdirSync(this.#folder)) if (file.endsWith('.json')) await this.down(file.slice(0, -'.json'.length));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(service: Service, urls: Urls): Promise<string> {
    await this.kill(service.name, service.stopSignal);
    const port = this.#read(service.name)?.port ?? (await freePort());
    const site = this.siteOf(service.name);
    const folder = writableFolder(site.folder);
    const { pid, url } = await service.start({ ...site, port, urls });
    const entry: Entry = { pid, born: bornAt(pid) ?? 'dead', port, url, urls, stopSignal: service.stopSignal };
    // Before it answers: whatever happens to this process, someone can end it.
    writeFileSync(this.#path(entryOf(service.name)), JSON.stringify(entry));
    await answering(service, entry, folder);
    return url;
  }

  #read(name: string): Entry | undefined {
    try {
      return JSON.parse(readFileSync(this.#path(entryOf(name)), 'utf8'));
    } catch {
      return undefined;
    }
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }
}

function entryOf(name: string): string {
  return `${name}.json`;
}

async function answering(service: Service, entry: Entry, folder: string): Promise<void> {
  const deadlineMs = Date.now() + READY_MS;
  for (;;) {
    try {
      return await service.ask(entry.url);
    } catch (cause) {
      if (!isAlive(entry)) throw new Error(`${service.name} ended at once: ${lastWords(folder)}`, { cause });
      if (Date.now() > deadlineMs) throw new Error(`${service.name} does not answer after ${READY_MS / 1000} s: ${lastWords(folder)}`, { cause });
      await setTimeout(POLL_MS);
    }
  }
}
