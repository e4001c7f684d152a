# SPDX-License-Identifier: Apache-2.0
"""The OASIS client library (taxii2-client, PyPI) does everything that it knows against a live node."""
import json
import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))
VENV = os.environ.get("TOCSIN_PYTHON", os.path.join(HERE, "../../build/venv/bin/python"))
if not sys.prefix.endswith("venv") and os.access(VENV, os.X_OK):
    os.execv(VENV, [VENV, *sys.argv])
try:
    import requests
    import stix2
    from taxii2client.common import TokenAuth
    from taxii2client.exceptions import AccessError
    from taxii2client.v21 import ApiRoot, Collection, Server, Status, as_pages
except ImportError as e:
    print(f"1..0 # SKIP {e.name} is not here: tools/venv.sh")
    sys.exit(77)

from node import ADDING, FORUM, READ_ONLY, Node, indicator, run  # noqa: E402


class Client(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()
        cls.server = Server(cls.n.url + "/taxii2/", user="officer", password="officer, quiet bells")
        cls.root = cls.server.default

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        cls.n.close()

    def collection(self, uuid, login="officer"):
        return Collection(f"{self.root.url}collections/{uuid}/", user=login,
                          password=login + ", quiet bells")

    def test_discovery(self):
        self.assertEqual(self.server.title, "Test node")
        self.assertEqual([r.url for r in self.server.api_roots], [self.root.url])
        self.assertEqual(self.root.versions, ["application/taxii+json;version=2.1"])
        self.assertGreater(self.root.max_content_length, 0)
        self.assertIn(FORUM, {c.id for c in self.root.collections})

    def test_add_read_delete(self):
        c = self.collection(ADDING)
        self.assertTrue(c.can_read and c.can_write)
        i = stix2.Indicator(name="made by stix2", pattern="[url:value = 'http://example.com/']",
                            pattern_type="stix")
        status = c.add_objects({"objects": [dict_of(i)]})
        self.assertEqual((status.status, status.success_count, status.failure_count),
                         ("complete", 1, 0))
        again = Status(f"{self.root.url}status/{status.id}/", user="officer",
                       password="officer, quiet bells")
        self.assertEqual(again.successes[0]["id"], i.id)
        got = c.get_object(i.id)["objects"][0]
        self.assertEqual(stix2.parse(got), i)
        newer = i.new_version(name="newer")
        c.add_objects({"objects": [dict_of(newer)]})
        self.assertEqual(len(c.object_versions(i.id)["versions"]), 2)
        self.assertEqual(c.get_objects(id=i.id)["objects"][0]["name"], "newer")
        self.assertEqual(len(c.get_objects(id=i.id, version="all")["objects"]), 2)
        self.assertEqual(c.get_objects(type="malware", id=i.id), {})
        manifest = c.get_manifest(id=i.id)["objects"]
        self.assertEqual(manifest[0]["media_type"], "application/stix+json;version=2.1")
        after = manifest[0]["date_added"]
        self.assertEqual(c.get_objects(id=i.id, added_after=after), {})
        c.delete_object(i.id, version="all")
        with self.assertRaises(requests.HTTPError) as e:
            c.get_object(i.id)
        self.assertEqual(e.exception.response.status_code, 404)

    def test_pages(self):
        c = self.collection(FORUM)
        batch = [indicator() for _ in range(55)]
        ids = {o["id"] for o in batch}
        c.add_objects({"objects": batch})
        seen = [o["id"] for page in as_pages(c.get_objects, per_request=10)
                for o in page.get("objects", [])]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual(ids, set(seen))
        seen = [o["id"] for page in as_pages(c.get_manifest, per_request=7)
                for o in page.get("objects", [])]
        self.assertLessEqual(ids, set(seen))

    def test_not_permitted(self):
        c = self.collection(READ_ONLY, "grid")
        self.assertFalse(c.can_write)
        with self.assertRaises(AccessError):
            c.add_objects({"objects": [indicator()]})
        with self.assertRaises(requests.HTTPError) as e:
            ApiRoot(self.root.url, user="officer", password="wrong").refresh()
            Collection(f"{self.root.url}collections/{FORUM}/", user="officer",
                       password="wrong").refresh()
        self.assertEqual(e.exception.response.status_code, 401)

    def test_wait_for_completion(self):
        began = time.monotonic()
        self.collection(ADDING).add_objects({"objects": [indicator()]}, wait_for_completion=True,
                                            timeout=5)
        self.assertLess(time.monotonic() - began, 3)

    def test_token_that_is_none(self):
        with self.assertRaises(requests.HTTPError) as e:
            Server(self.n.url + "/taxii2/", auth=TokenAuth("nothing")).refresh()
        self.assertEqual(e.exception.response.status_code, 401)


def dict_of(o):
    return json.loads(o.serialize())


if __name__ == "__main__":
    run()
