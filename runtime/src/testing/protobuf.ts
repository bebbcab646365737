/** What a field of a message is, by its number. `[type]`: repeated. A message is the fields that it has. */
export type FieldType = 'text' | 'hex' | 'varint' | 'fixed64' | 'double' | Message;
export interface Message {
  readonly [field: number]: { readonly name: string; readonly type: FieldType; readonly many?: 'many' };
}

export type Decoded = Readonly<Record<string, unknown>>;

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

function varint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = cursor.bytes.readUInt8(cursor.at);
    cursor.at += 1;
    // Numbers beyond 2^53 are none of those that are read here.
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
}

function take(cursor: Cursor, length: number): Buffer {
  const part = cursor.bytes.subarray(cursor.at, cursor.at + length);
  if (part.length !== length) throw new RangeError('the message ends in the middle of a field');
  cursor.at += length;
  return part;
}

function raw(cursor: Cursor, wire: number): Buffer | number {
  switch (wire) {
    case 0:
      return varint(cursor);
    case 1:
      return take(cursor, 8);
    case 2:
      return take(cursor, varint(cursor));
    case 5:
      return take(cursor, 4);
    default:
      throw new RangeError(`wire type ${wire} is not of proto3`);
  }
}

function valueOf(type: FieldType, found: Buffer | number): unknown {
  if (typeof found === 'number') return found;
  switch (type) {
    case 'text':
      return found.toString('utf8');
    case 'hex':
      return found.toString('hex');
    case 'fixed64':
      return Number(found.readBigUInt64LE(0));
    case 'double':
      return found.readDoubleLE(0);
    case 'varint':
      throw new RangeError('a number came as bytes');
    default:
      return decodeMessage(found, type);
  }
}

/** Decodes a message of proto3; fields that `message` does not name are left out. Throws RangeError for what is none. */
export function decodeMessage(bytes: Buffer, message: Message): Decoded {
  const cursor: Cursor = { bytes, at: 0 };
  const decoded: Record<string, unknown> = {};
  while (cursor.at < bytes.length) {
    const tag = varint(cursor);
    const found = raw(cursor, tag & 7);
    const field = message[Math.floor(tag / 8)];
    if (field === undefined) continue;
    const value = valueOf(field.type, found);
    decoded[field.name] = field.many === undefined ? value : [...((decoded[field.name] as unknown[] | undefined) ?? []), value];
  }
  return decoded;
}
