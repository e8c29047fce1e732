/** Runs works of one name one after the other, of different names at the same time; remembers only names in use. */
export function openSerial(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>()
  return (name, work) => {
    const before = tails.get(name) ?? Promise.resolve()
    const mine = before.then(work, work)
    tails.set(name, mine)
    const forget = (): void => {
      if (tails.get(name) === mine) tails.delete(name)
    }
    mine.then(forget, forget)
    return mine
  }
}
