import { callSite } from './call-site.ts';

/** The context of a handler; tells the line that looks into it first, which is where the handler begins. */
export function watchedContext<Context extends object>(context: Context, entered: (site: string) => void): Context {
  let known = false;
  return new Proxy(context, {
    get(target, key) {
      const site = known ? undefined : callSite();
      if (site !== undefined) entered(site);
      known = true;
      return Reflect.get(target, key, target);
    },
  });
}
