/** The number of slots of a Redis Cluster. */
const SLOTS = 16_384;
/** CRC16-XMODEM, by the cluster specification. */
const POLYNOMIAL = 0x1021;

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
    }
    crc &= 0xffff;
  }
  return crc;
}

/** The slot of a key, which decides its node: by the hash tag, if the key has one. */
export function clusterSlotOf(key: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1];
  return crc16(Buffer.from(tag ?? key)) % SLOTS;
}
