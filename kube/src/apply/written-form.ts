/**
 * The form in which an object is applied and compared. A Secret's `stringData` is turned into `data`, as the API server does when it stores
 * it: applied as it stands, a key once in `stringData` would stay in `data` for ever after it was left out.
 */
export function writtenForm<T extends object>(desired: T): T {
  if (!('kind' in desired) || desired.kind !== 'Secret' || !('apiVersion' in desired) || desired.apiVersion !== 'v1') return desired;
  const { stringData, data, ...rest } = desired as { stringData?: Readonly<Record<string, string>>; data?: Readonly<Record<string, string>> };
  if (stringData === undefined) return desired;
  const encoded = Object.entries(stringData).map(([name, text]) => [name, Buffer.from(text, 'utf8').toString('base64')] as const);
  // Only the form changes: what was a T stays one.
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } } as unknown as T;
}
