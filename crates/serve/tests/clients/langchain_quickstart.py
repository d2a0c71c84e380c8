"""The quick-start of langchain-qdrant against a running server. Usage: SCRIPT URL"""
import sys
from uuid import uuid4
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_qdrant import QdrantVectorStore
from qdrant_client import QdrantClient
from qdrant_client.http.models import Distance, VectorParams, Filter, FieldCondition, MatchValue
import httpx

url = sys.argv[1]

class Ours(Embeddings):
    """The server's own encoder."""
    def embed_documents(self, texts):
        data = httpx.post(f"{url}/v1/embeddings", json={"model": "default", "input": texts}).json()["data"]
        return [d["embedding"] for d in data]
    def embed_query(self, text):
        return self.embed_documents([text])[0]

embeddings = Ours()
client = QdrantClient(url=url)
size = len(embeddings.embed_query("sample"))
client.create_collection("demo", vectors_config=VectorParams(size=size, distance=Distance.COSINE))
store = QdrantVectorStore(client=client, collection_name="demo", embedding=embeddings)
texts = [
    ("I had chocolate chip pancakes and scrambled eggs for breakfast this morning.", "tweet"),
    ("The weather forecast for tomorrow is cloudy and overcast, with a high of 62 degrees.", "news"),
    ("Building an exciting new project with LangChain - come check it out!", "tweet"),
    ("Robbers broke into the city bank and stole $1 million in cash.", "news"),
]
ids = [str(uuid4()) for _ in texts]
store.add_documents([Document(page_content=t, metadata={"source": s}) for t, s in texts], ids=ids)
found = store.similarity_search("What will the weather be like?", k=1)
assert "forecast" in found[0].page_content and found[0].metadata["source"] == "news", found
scored = store.similarity_search_with_score("bank robbery", k=1, filter=Filter(must=[FieldCondition(key="metadata.source", match=MatchValue(value="news"))]))
assert "Robbers" in scored[0][0].page_content and scored[0][1] > 0.2, scored
assert len(store.max_marginal_relevance_search("food in the morning", k=2, fetch_k=4)) == 2
assert store.as_retriever(search_kwargs={"k": 1}).invoke("breakfast")[0].page_content.startswith("I had")
assert store.delete([ids[0]])
assert "pancakes" not in " ".join(d.page_content for d in store.similarity_search("pancakes", k=4))
made = QdrantVectorStore.from_texts(["one text", "another text"], embeddings, url=url, collection_name="made")
assert made.similarity_search("one text", k=1)[0].page_content == "one text"
print("ok")
