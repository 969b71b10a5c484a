"""Customers as arrays: histories, features, and the moment a question is asked at."""
