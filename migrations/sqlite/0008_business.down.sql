DROP TABLE report_subscriptions;
DROP TABLE reports;
DROP TABLE daily_traffic;
DROP TABLE daily_metrics;
DROP TABLE payment_events;
DROP TABLE subscriptions;
DROP TABLE user_activity;
