"""The quick-start of qdrant-client and what its users do next, against a running server. Usage: SCRIPT URL"""
import sys
import uuid
import numpy as np
from qdrant_client import QdrantClient, models as m

client = QdrantClient(url=sys.argv[1], prefer_grpc=False, timeout=30)
rng = np.random.default_rng(7)

# collections
client.create_collection("test", vectors_config=m.VectorParams(size=4, distance=m.Distance.DOT))
assert client.collection_exists("test") and not client.collection_exists("nosuch")
assert [c.name for c in client.get_collections().collections] == ["test"]
info = client.get_collection("test")
assert info.points_count == 0 and info.config.params.vectors.size == 4, info

# the quick-start
done = client.upsert("test", wait=True, points=[
    m.PointStruct(id=1, vector=[0.05, 0.61, 0.76, 0.74], payload={"city": "Berlin"}),
    m.PointStruct(id=2, vector=[0.19, 0.81, 0.75, 0.11], payload={"city": "London"}),
    m.PointStruct(id=3, vector=[0.36, 0.55, 0.47, 0.94], payload={"city": "Moscow"}),
    m.PointStruct(id=4, vector=[0.18, 0.01, 0.85, 0.80], payload={"city": "New York"}),
    m.PointStruct(id=5, vector=[0.24, 0.18, 0.22, 0.44], payload={"city": "Beijing"}),
    m.PointStruct(id=6, vector=[0.35, 0.08, 0.11, 0.44], payload={"city": "Mumbai"}),
])
assert done.status == m.UpdateStatus.COMPLETED
hits = client.query_points("test", query=[0.2, 0.1, 0.9, 0.7], limit=3).points
assert [h.id for h in hits] == [4, 1, 3] and abs(hits[0].score - 1.362) < 1e-5, hits
hits = client.query_points("test", query=[0.2, 0.1, 0.9, 0.7], with_payload=True, limit=3, query_filter=m.Filter(
    must=[m.FieldCondition(key="city", match=m.MatchValue(value="London"))])).points
assert [(h.id, h.payload["city"]) for h in hits] == [(2, "London")]

# reading
points = client.retrieve("test", ids=[2, 99], with_vectors=True)
assert len(points) == 1 and np.allclose(points[0].vector, [0.19, 0.81, 0.75, 0.11])
page, next_id = client.scroll("test", limit=4)
assert [p.id for p in page] == [1, 2, 3, 4] and next_id == 5
page, next_id = client.scroll("test", limit=4, offset=next_id)
assert [p.id for p in page] == [5, 6] and next_id is None
assert client.count("test").count == 6
assert client.count("test", count_filter=m.Filter(must_not=[m.HasIdCondition(has_id=[1, 2])])).count == 4

# payloads
client.set_payload("test", {"size": 3, "tags": ["a", "b"], "at": "2024-03-01T00:00:00Z"}, points=[1, 2], wait=True)
client.set_payload("test", {"size": 9, "at": "2025-03-01T00:00:00Z"}, points=m.Filter(must=[m.HasIdCondition(has_id=[3])]), wait=True)
client.overwrite_payload("test", {"size": 5}, points=[4], wait=True)
client.delete_payload("test", keys=["city"], points=[5], wait=True)
client.clear_payload("test", points_selector=[6], wait=True)
by_id = {p.id: p.payload for p in client.scroll("test", limit=10)[0]}
assert by_id[1]["tags"] == ["a", "b"] and by_id[4] == {"size": 5} and by_id[5] == {} and by_id[6] == {}, by_id
client.create_payload_index("test", "size", m.PayloadSchemaType.INTEGER, wait=True)
client.create_payload_index("test", "city", m.PayloadSchemaType.KEYWORD, wait=True)
assert client.get_collection("test").payload_schema["size"].data_type == m.PayloadSchemaType.INTEGER
ids = lambda f: sorted(p.id for p in client.scroll("test", scroll_filter=f, limit=10)[0])
assert ids(m.Filter(must=[m.FieldCondition(key="size", range=m.Range(gte=4))])) == [3, 4]
assert ids(m.Filter(must=[m.FieldCondition(key="at", range=m.DatetimeRange(lt="2025-01-01T00:00:00Z"))])) == [1, 2]
assert ids(m.Filter(must=[m.FieldCondition(key="tags", match=m.MatchAny(any=["b", "z"]))])) == [1, 2]
assert ids(m.Filter(must=[m.IsEmptyCondition(is_empty=m.PayloadField(key="city"))])) == [4, 5, 6]
ordered = client.scroll("test", limit=10, order_by=m.OrderBy(key="size", direction=m.Direction.DESC))[0]
assert [p.id for p in ordered] == [3, 4, 1, 2], ordered
facet = client.facet("test", key="city")
assert sorted((h.value, h.count) for h in facet.hits) == [("Berlin", 1), ("London", 1), ("Moscow", 1)], facet

# recommending, grouping, batches
hits = client.query_points("test", query=m.RecommendQuery(recommend=m.RecommendInput(positive=[1], negative=[6])), limit=2).points
assert 1 not in [h.id for h in hits] and 6 not in [h.id for h in hits]
hits = client.query_points("test", query=m.RecommendQuery(recommend=m.RecommendInput(
    positive=[1], negative=[6], strategy=m.RecommendStrategy.BEST_SCORE)), limit=2).points
assert len(hits) == 2
groups = client.query_points_groups("test", query=[0.2, 0.1, 0.9, 0.7], group_by="size", limit=2, group_size=1).groups
assert [g.id for g in groups] == [5, 3], groups
answers = client.query_batch_points("test", [m.QueryRequest(query=[1, 0, 0, 0], limit=1), m.QueryRequest(query=2, limit=1)])
assert [len(a.points) for a in answers] == [1, 1]
assert len(client.query_points("test", query=m.SampleQuery(sample=m.Sample.RANDOM), limit=3).points) == 3
client.batch_update_points("test", [
    m.UpsertOperation(upsert=m.PointsList(points=[m.PointStruct(id=7, vector=[1, 0, 0, 0])])),
    m.SetPayloadOperation(set_payload=m.SetPayload(payload={"x": 1}, points=[7])),
    m.DeleteOperation(delete=m.PointIdsList(points=[6])),
], wait=True)
assert client.count("test").count == 6 and client.retrieve("test", [7])[0].payload == {"x": 1}
client.update_vectors("test", [m.PointVectors(id=7, vector=[0, 1, 0, 0])], wait=True)
assert client.retrieve("test", [7], with_vectors=True)[0].vector == [0, 1, 0, 0]
client.delete("test", points_selector=m.FilterSelector(filter=m.Filter(must=[m.FieldCondition(key="x", match=m.MatchValue(value=1))])), wait=True)
assert client.count("test").count == 5

# names, sparse, several vectors, fusion, uuids
client.create_collection("hybrid", vectors_config={
    "dense": m.VectorParams(size=8, distance=m.Distance.COSINE),
    "colbert": m.VectorParams(size=4, distance=m.Distance.COSINE, multivector_config=m.MultiVectorConfig(comparator=m.MultiVectorComparator.MAX_SIM)),
}, sparse_vectors_config={"words": m.SparseVectorParams(modifier=m.Modifier.IDF)})
some = [str(uuid.UUID(int=i + 1)) for i in range(50)]
client.upload_points("hybrid", [m.PointStruct(id=i, payload={"n": n, "where": {"lon": 13.4 + n, "lat": 52.5}}, vector={
    "dense": rng.normal(size=8).tolist(), "colbert": rng.normal(size=(3, 4)).tolist(),
    "words": m.SparseVector(indices=[n, n + 1], values=[1.0, 0.5])}) for n, i in enumerate(some)], wait=True)
assert client.count("hybrid").count == 50
sparse = client.query_points("hybrid", query=m.SparseVector(indices=[10], values=[1.0]), using="words", limit=5).points
assert [p.id for p in sparse] == [some[10], some[9]], sparse
several = client.query_points("hybrid", query=rng.normal(size=(2, 4)).tolist(), using="colbert", limit=5).points
assert len(several) == 5
fused = client.query_points("hybrid", prefetch=[
    m.Prefetch(query=rng.normal(size=8).tolist(), using="dense", limit=20),
    m.Prefetch(query=m.SparseVector(indices=[10], values=[1.0]), using="words", limit=20),
], query=m.FusionQuery(fusion=m.Fusion.RRF), limit=10, with_payload=True).points
assert len(fused) == 10 and all(p.payload for p in fused)
assert len(client.query_points("hybrid", prefetch=m.Prefetch(query=rng.normal(size=8).tolist(), using="dense", limit=20),
    query=rng.normal(size=(2, 4)).tolist(), using="colbert", limit=4).points) == 4
near = client.scroll("hybrid", scroll_filter=m.Filter(must=[m.FieldCondition(key="where", geo_radius=m.GeoRadius(
    center=m.GeoPoint(lon=13.4, lat=52.5), radius=100_000))]), limit=50)[0]
assert [p.payload["n"] for p in near] == [0, 1], near
named = client.retrieve("hybrid", [some[3]], with_vectors=["words"])[0]
assert named.vector["words"].indices == [3, 4]

# aliases and snapshots
client.update_collection_aliases([m.CreateAliasOperation(create_alias=m.CreateAlias(collection_name="hybrid", alias_name="now"))])
assert client.count("now").count == 50
assert [a.alias_name for a in client.get_aliases().aliases] == ["now"]
snapshot = client.create_snapshot("test")
assert [s.name for s in client.list_snapshots("test")] == [snapshot.name]
client.delete("test", points_selector=[1, 2, 3], wait=True)
assert client.count("test").count == 2

# errors have their status
from qdrant_client.http.exceptions import UnexpectedResponse
def refused(status, what, call):
    try:
        call()
    except UnexpectedResponse as e:
        assert e.status_code == status and what in e.content.decode(), (e.status_code, e.content)
        return
    raise AssertionError(f"{what}: was not refused")
refused(404, "nosuch", lambda: client.count("nosuch"))
refused(400, "expected 4", lambda: client.upsert("test", points=[m.PointStruct(id=1, vector=[1.0, 2.0])]))
refused(400, "has 2 values", lambda: client.query_points("test", query=[1.0, 2.0]))
refused(409, "already exists", lambda: client.create_collection("test", vectors_config=m.VectorParams(size=4, distance=m.Distance.DOT)))
refused(422, "quantization", lambda: client.create_collection("q", vectors_config=m.VectorParams(size=4, distance=m.Distance.DOT),
    quantization_config=m.ScalarQuantization(scalar=m.ScalarQuantizationConfig(type=m.ScalarType.INT8))))
assert client.delete_collection("test")
assert not client.collection_exists("test")
print("ok")
