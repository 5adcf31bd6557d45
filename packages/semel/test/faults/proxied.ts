import { type FaultProxy, faultProxy } from 'semel/testing';

/** A fault proxy in front of the server at this address. */
export function proxyTo(url: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(url);
  return faultProxy({ to: { host: hostname, port: Number(port) } });
}

/** The address of the same database by way of the proxy. */
export function proxied({ host, port }: FaultProxy, url: string): string {
  return Object.assign(new URL(url), { host: `${host}:${port}` }).href;
}
