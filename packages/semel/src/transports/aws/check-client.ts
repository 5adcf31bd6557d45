import { badOption } from '../../core/options.ts';

/** Throws `bad-option` where it is not the aggregated client of an AWS service, such as `new SQS({ … })`: the bare client has none of its methods. */
export function checkClient<Client extends object>(where: string, service: string, client: Client, methods: readonly (keyof Client & string)[]): void {
  for (const method of methods)
    if (typeof client?.[method] !== 'function')
      throw badOption(where, 'client', client, `\`new ${service}({ … })\` of @aws-sdk/client-${where}: an object with \`${method}\`; an ${service}Client has none`);
}
