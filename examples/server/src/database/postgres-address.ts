/**
 * One address per host of `postgres://user:password@one:5432,two:5432/name?…`, the form that libpq reads.
 * `undefined` when it is none.
 */
export function addressesOf(url: string): string[] | undefined {
  const [, start = '', hosts = '', rest = ''] =
    /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^/?#@]+)(\/[^/?#]+(?:\?.*)?)$/.exec(url) ?? [];
  const addresses = hosts.split(',').map((host) => `${start}${host}${rest}`);
  return addresses.every((address) => URL.canParse(address)) ? addresses : undefined;
}
