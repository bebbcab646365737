/** What RE2 says of a pattern that it does not take, and whether it is one that other engines would. */
export function patternFault(cause: unknown): { readonly why: string; readonly isUnsupported: boolean } {
  const why = cause instanceof Error ? cause.message.replace('error parsing regexp: ', '') : 'cannot be read';
  return { why, isUnsupported: !/missing|unexpected|trailing/.test(why) };
}
