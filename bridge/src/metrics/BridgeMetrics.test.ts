import { describe, expect, it } from 'vitest'
import { BridgeMetrics } from './BridgeMetrics.ts'

/** Samples by name and labels. */
async function samples(metrics: BridgeMetrics): Promise<Record<string, number>> {
  const { text } = await metrics.read()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [line.replace(/ [^ ]*$/, ''), Number(line.replace(/^.* /, ''))]),
  )
}

describe('BridgeMetrics', () => {
  it('counts what it is told', async () => {
    const metrics = new BridgeMetrics()
    metrics.requestEnded('GetByteCodes', { outcome: 'answered', bytes: 100, seconds: 0.01 })
    metrics.requestEnded('GetByteCodes', { outcome: 'answered', bytes: 50, seconds: 3 })
    metrics.requestEnded('GetTrieNodes', { outcome: 'abandoned', bytes: 0, seconds: 1 })
    metrics.dropped('slow')
    metrics.cached('hit')
    metrics.upstreamEnded('GetByteCodes', 'timeout')
    expect(await samples(metrics)).toMatchObject({
      'cambium_bridge_requests_total{kind="GetByteCodes",outcome="answered"}': 2,
      'cambium_bridge_requests_total{kind="GetTrieNodes",outcome="abandoned"}': 1,
      'cambium_bridge_answered_bytes_total{kind="GetByteCodes"}': 150,
      'cambium_bridge_request_seconds_count{kind="GetByteCodes"}': 2,
      'cambium_bridge_request_seconds_bucket{le="0.025",kind="GetByteCodes"}': 1,
      'cambium_bridge_drops_total{reason="slow"}': 1,
      'cambium_bridge_cache_requests_total{outcome="hit"}': 1,
      'cambium_bridge_upstream_requests_total{kind="GetByteCodes",outcome="timeout"}': 1,
      process_resident_memory_bytes: expect.any(Number),
    })
  })

  it('looks at values when it is asked', async () => {
    const metrics = new BridgeMetrics()
    expect(await samples(metrics)).not.toHaveProperty('cambium_bridge_streams')
    let [streams, connected] = [1, 1]
    metrics.watch({
      streams: () => streams,
      connections: () => (streams === 1 ? { webrtc: 3, websocket: 0 } : { websocket: 4 }),
    })
    metrics.watch({ upstreams: () => ({ connected, known: 3 }) })
    expect(await samples(metrics)).toMatchObject({
      cambium_bridge_streams: 1,
      'cambium_bridge_connections{transport="webrtc"}': 3,
      'cambium_bridge_upstreams{state="connected"}': 1,
      'cambium_bridge_upstreams{state="away"}': 2,
    })
    ;[streams, connected] = [2, 3]
    const later = await samples(metrics)
    expect(later).toMatchObject({
      cambium_bridge_streams: 2,
      'cambium_bridge_connections{transport="websocket"}': 4,
      'cambium_bridge_upstreams{state="away"}': 0,
    })
    expect(later).not.toHaveProperty('cambium_bridge_connections{transport="webrtc"}')
  })

  it('does not mix with another in the same process', async () => {
    const [one, other] = [new BridgeMetrics(), new BridgeMetrics()]
    one.dropped('flood')
    other.dropped('idle')
    expect(Object.keys(await samples(other)).filter((name) => name.includes('drops'))).toEqual([
      'cambium_bridge_drops_total{reason="idle"}',
    ])
  })
})
