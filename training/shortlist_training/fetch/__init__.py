"""Public data sets, fetched into folders of the data contract."""

from shortlist_training.fetch.data_set import Archive, Checksum, DataSet
from shortlist_training.fetch.fetching import DATA_SETS, fetch

__all__ = ["DATA_SETS", "Archive", "Checksum", "DataSet", "fetch"]
