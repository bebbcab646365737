export interface TarFile {
  readonly name: string;
  readonly content: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

const BLOCK = 512;
const NAME_LENGTH = 100;
const CHECKSUM_OFFSET = 148;
const CHECKSUM_LENGTH = 8;

/** A ustar archive of regular files owned by root, dated 1970: the same input gives the same bytes. Names hold at most 100 bytes. */
export function tarArchive(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap((file) => [tarHeader(file), file.content, Buffer.alloc(-file.content.length & (BLOCK - 1))]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function tarHeader(file: TarFile): Buffer {
  if (Buffer.byteLength(file.name) > NAME_LENGTH) throw new RangeError(`tar: "${file.name}" is longer than ${NAME_LENGTH} bytes`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'ascii');
  };
  header.write(file.name, 0, 'utf8');
  octal(file.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(file.content.length, 124, 12);
  octal(0, 136, 12);
  header.write(' '.repeat(CHECKSUM_LENGTH), CHECKSUM_OFFSET, 'ascii');
  header.write('0', 156, 'ascii');
  header.write('ustar\u000000', 257, 'ascii');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM_OFFSET, 'ascii');
  return header;
}
