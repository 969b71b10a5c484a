"""What diversity costs and brings: measures of varied lists, as curves over the strength of each method."""
