/** A matrix of a safetensors file, as 32-bit floats. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** An embedding model that cannot be used. The message says which part of it, and what to mount instead. */
export class EmbeddingModelError extends Error {
  override readonly name = 'EmbeddingModelError';
}

interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Names that static embedding models give to their one matrix. */
const matrixNames = ['embeddings', 'embedding.weight'];
const bytesPerValue: Readonly<Record<string, 2 | 4>> = { F16: 2, F32: 4 };

/** Reads the embedding matrix of a safetensors file: eight bytes with the length of a JSON header, the header, the data. Throws EmbeddingModelError. */
export function readEmbeddingMatrix(bytes: Uint8Array): Matrix {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (headerLength > bytes.length - 8) throw new EmbeddingModelError('model.safetensors is cut off or no safetensors file; mount the whole file');
  const header = parseHeader(bytes.subarray(8, 8 + headerLength));
  const tensor = matrixNames.map((name) => header[name]).find((entry) => entry !== undefined);
  if (tensor === undefined || tensor.shape.length !== 2) throw new EmbeddingModelError(`model.safetensors holds no matrix named ${matrixNames.join(' or ')}; mount a static embedding model, such as one of model2vec or WordLlama`);
  return matrixOf(tensor, new DataView(view.buffer, view.byteOffset + 8 + headerLength, bytes.length - 8 - headerLength));
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, TensorEntry>> {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, TensorEntry>;
  } catch (cause) {
    throw new EmbeddingModelError('the header of model.safetensors is damaged; mount the file anew', { cause });
  }
}

function matrixOf({ dtype, shape, data_offsets: [from, to] }: TensorEntry, data: DataView): Matrix {
  const size = bytesPerValue[dtype];
  if (size === undefined) throw new EmbeddingModelError(`model.safetensors holds values of type ${dtype}; F16 and F32 can be read`);
  const [rows = 0, columns = 0] = shape;
  if (to - from !== rows * columns * size || to > data.byteLength) throw new EmbeddingModelError('model.safetensors is cut off; mount the whole file');
  const values = Float32Array.from({ length: rows * columns }, (_value, index) => (size === 2 ? data.getFloat16(from + 2 * index, true) : data.getFloat32(from + 4 * index, true)));
  return { rows, columns, values };
}
