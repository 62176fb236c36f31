DROP TABLE posts_search;
DROP TABLE posts;
