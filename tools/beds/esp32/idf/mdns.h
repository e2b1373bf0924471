// ESP-IDF's mDNS, which is not asked here.
